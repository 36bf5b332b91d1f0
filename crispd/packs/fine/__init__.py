"""The fine stage: models that score photos of a shortlist anew, and what they store of photos."""
