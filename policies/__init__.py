"""What must never be, whatever the program says: one pack of policies, which both engines run on every resource.

A module is one concern, a policy one sentence. They judge what is wished for, after the provider has completed it, so
what is built by hand or by another program is not seen here: that is drift.
"""

from pathlib import Path

from policies import alarms, buckets, encryption, logs, names, permissions, protection, recovery, tls

FOLDER = Path(__file__).resolve().parent
"""The pack, as the real engine is given it."""

POLICIES = (
    *buckets.POLICIES,
    *encryption.POLICIES,
    *tls.POLICIES,
    *permissions.POLICIES,
    *protection.POLICIES,
    *recovery.POLICIES,
    *logs.POLICIES,
    *alarms.POLICIES,
    *names.POLICIES,
)
