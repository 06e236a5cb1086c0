"""What is live, compared with what HEAD says: resources, objects, answers. Finds and names; mends nothing.

`found` is one difference; `resources` reads what an engine's refresh and preview say, `objects` what lies in the
buckets, `answers` what the endpoint tells installations.
"""
