"""The ladder, rehearsed: each part is broken in turn while installations keep asking for updates.

`drill` says what a drill is, the modules named by a part of the system hold them, and `every` lists them. `rehearse`
runs one in a `scratch` laptop, with a `fleet` of the reference client; `judge` decides by what the fleet saw.
"""
