"""A client that behaves as tauri-plugin-updater does, written from its contract and independent of `delivery`.

It is evidence: what the endpoint and the manifests say is judged by what this client does with it. Only the order of
versions is shared with `delivery.rules.precedence`, which is checked against vectors of the Rust crate.
"""
