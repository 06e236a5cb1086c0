"""The rules that facts must keep: one rule, one function, one sentence. `delivery.rules.check` lists and runs them."""
