"""What the machine found in a submission: transcript, evidence, measures."""
