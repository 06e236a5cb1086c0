"""The web site: what it is made from, how its pages are built, and how they get to where people read them.

What people write lies in site/content/ and is judged like facts (`content`, `links`, `spelling`); everything else a
build knows, a commit's facts say (`data`).
"""
