"""The plan, what became of it, and the history of both: one module each."""

from .actuals import Actual, Narrative
from .evidence import EvidenceFile
from .history import Change, HistoryHead, HistoryIsKept, about, link
from .plan import (
    DEMO_NOTE,
    FIGURE,
    Initiative,
    Judgement,
    OrganisationItem,
    Period,
    Pillar,
    Policy,
    PolicySection,
    Project,
    ProjectSection,
    Revision,
    Standing,
    Target,
    figure,
)
from .proposals import Proposal
from .reminders import Kind, Reminder, ReminderPlan, ReminderText

__all__ = [
    "DEMO_NOTE",
    "FIGURE",
    "Actual",
    "Change",
    "EvidenceFile",
    "HistoryHead",
    "HistoryIsKept",
    "Initiative",
    "Judgement",
    "Kind",
    "Narrative",
    "OrganisationItem",
    "Period",
    "Pillar",
    "Policy",
    "PolicySection",
    "Project",
    "ProjectSection",
    "Proposal",
    "Reminder",
    "ReminderPlan",
    "ReminderText",
    "Revision",
    "Standing",
    "Target",
    "about",
    "figure",
    "link",
]
