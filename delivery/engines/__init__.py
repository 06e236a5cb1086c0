"""What carries a Pulumi program out: the real engine and the embedded one, behind one protocol.

`stack` says what both are given and hand back. `engine_pulumi` drives Pulumi's own CLI; `engine_embedded` decides for
itself, and speaks Pulumi's own protocols to programs and providers. Knows none of our programs and no facts.
"""
