"""What staff see of one environment, behind Cloudflare Access: what is live, for whom, and which builds answer.

One request: `app` asks `access` who it is -> the endpoint's own `source` says which catalog is live -> `live` says what
it means now, for people -> a page of HTML, or the same as JSON. `main` is where a server finds it, `handler` where
Lambda does; `settings` is what a process must be told. It reads and changes nothing.
"""
