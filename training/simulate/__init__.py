"""Simulated raters, machine and evidence, with the truth on record.

For tests of the statistics, for planning a study, and for filling an installation with something to look at.
Nothing simulated says how real raters behave: the defaults are plausible, not measured.
"""

from training.simulate.scenario import Arms, Machine, Moments, People, Scenario
from training.simulate.scores import Simulation, simulate

__all__ = ["Arms", "Machine", "Moments", "People", "Scenario", "Simulation", "simulate"]
