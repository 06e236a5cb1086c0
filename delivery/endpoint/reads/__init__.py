"""What anybody may read of the live catalog: for the site, feed readers, package managers and links that people copy.

One document a module, each beside the `Operation` that describes it. All of them say what one `Moment` means: the
table under the brake, so that a halt shows as a stop before it is merged. `standing` says where a version stands on a
channel and `offered` what a new visitor gets; `responses` how a value leaves.
"""
