"""The score model in service: fitted on people's final scores, judged, kept by version, used to order second reads."""
