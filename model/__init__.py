"""What a review is: rubric, transcript, evidence, assessment, and the statistics over them.

Pure: standard library, numpy, scipy and scikit-learn; no web, no SQL, no torch.
"""
