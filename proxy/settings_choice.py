"""The settings of which models answer: one that is chosen, several as one, or one that is asked part by part.

It must not know the other settings, nor what these are used for.
"""

from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings

from proxy.spelling import DivideLimits, TeamLimits, Weights, Words


class ChoiceSettings(BaseSettings):
    """A chapter of `proxy.settings.Settings`."""

    route: Literal["off", "shadow", "on"] = Field(
        "on",
        description="Whether `auto`, `auto/cheap` and `auto/best` are answered, by a model of OUTRIDER_MODELS: `on`, "
        "`off`, or `shadow` (they are, and for other requests it is said which model would be chosen).",
    )
    route_quality: float = Field(
        0.7, ge=0, le=1, description="What quality counts for `auto` against cost and latency: 0 nothing, 1 all."
    )
    route_agents: Weights = Field(
        {},
        description="The same for single agents, by name: `planner=best,extractor=cheap,writer=0.8`. Counts when they "
        "ask for `auto`, and when anybody asks for `auto:planner`.",
    )
    route_judge: str = Field(
        "",
        description="Model that reads the models' cards and says who fits a question, for `auto` at the beginning of a "
        "session and for `goa` where more could sit than there are seats: one call more. Empty: no model is asked.",
    )
    route_explore: float = Field(
        0.0,
        ge=0,
        le=0.2,
        description="Share of sessions for which `auto` begins with a model that may be as good as the best and is "
        "known less, so that scores come to be of both: 0 to 0.2.",
    )
    route_scores: str = Field(
        "",
        description="File of questions that your models were scored on, JSON lines (docs/policies/routing.md): `auto` "
        "begins with what they tell, and not with the cards. Needs the extra `outrider[routing]`. Empty: no file.",
    )
    embeddings: str = Field(
        "",
        description="Model of sentence-transformers, a folder or a name, with which teams compare open text, and "
        "`auto` questions with scored ones: needs the extra `outrider[embeddings]`. Empty: their words are compared.",
    )
    team: Words = Field(
        (),
        description="Models that the teams `goa`, `goa-mean`, `selforg`, `cascade` and `mas2` are made of, best first, "
        "with commas between. Empty: no teams. A client names others in the model: `goa:model-1,model-2,model-3`.",
    )
    team_limits: TeamLimits = Field(
        {},
        description="What one answer of a team may take: `patience_s=60` (who takes longer is left out), `seats=3` "
        "(members of goa), `rounds=1` (of selforg), `tokens=0`, `usd=0` (0: no limit); and OUTRIDER_PLAN_CALLS and "
        "OUTRIDER_PLAN_SECONDS.",
    )
    divide_over: int = Field(
        0,
        ge=0,
        description="Tokens of a text from which on any request is divided (docs/policies/divide.md); 0: only where a "
        "client asks for `divide/MODEL`.",
    )
    divide_size: int = Field(0, ge=0, description="Tokens of a part of a divided text; 0: chosen by what is known.")
    divide_planner: str = Field(
        "",
        description="Model that writes the instructions of a division; empty: the one that answers, `-`: nobody.",
    )
    divide_limits: DivideLimits = Field(
        {},
        description="What one divided answer may take: `parts=24`, `at_once=8` (workers at the same time), "
        "`patience_s=120` (who takes longer is left out), `tokens=0`, `usd=0` (0: no limit); and OUTRIDER_PLAN_CALLS "
        "and OUTRIDER_PLAN_SECONDS.",
    )
