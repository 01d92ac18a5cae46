import type { components } from "../api/schema.d.ts";

type Schemas = components["schemas"];

export type ReviewBrief = Schemas["ReviewBrief"];
export type ReviewRead = Schemas["ReviewRead"];
export type ActCreate = Schemas["ActCreate"];
export type ActRead = Schemas["ActRead"];
export type ActsSaved = Schemas["ActsSaved"];
export type EvidenceCard = Schemas["EvidenceCard"];
export type AuditWindow = Schemas["AuditWindowRead"];
export type Missing = Schemas["MissingRead"];
export type Rubric = Schemas["RubricRead"];
export type Criterion = Rubric["criteria"][number];
export type Protocol = Schemas["Protocol"];
export type QueueRow = Schemas["QueueRow"];
export type Comparison = Schemas["ComparisonRead"];
export type PersonRow = Schemas["PersonRead"];
export type RubricBrief = Schemas["RubricBrief"];
export type Verdict = "supports" | "does_not" | "unsure";
/** Why a suggestion does not hold, where somebody cares to say. */
export type Reason = "wrong_speaker" | "not_stem" | "not_a_question" | "wrong_words" | "other";
