"""A module that cannot be imported."""

raise ImportError("no such parcel")
