"""What is live, compared with what HEAD says: resources, objects, answers. Finds and names; mends nothing.

`found` is one difference; `resources` reads what an engine's refresh and preview say, `objects` what lies in the
buckets, `brake` what is halted there, `answers` what the endpoint tells installations. Live may be less than HEAD says
while the brake holds something: manifests and answers are compared with what HEAD's facts amount to under it.
"""
