"""What does not belong to a submission: indicators, rubrics, versions, health."""
