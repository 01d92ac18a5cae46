import type { components } from "./schema.d.ts";

type Schemas = components["schemas"];

export type Submission = Schemas["SubmissionRead"];
export type SubmissionState = Submission["state"];
export type Step = Submission["steps"][number];
export type MediaWarning = Submission["warnings"][number];
export type Transcript = Schemas["TranscriptRead"];
export type Utterance = Transcript["utterances"][number];
export type Word = Utterance["words"][number];
export type Role = Utterance["role"];
export type SpeechHeard = NonNullable<Transcript["speech"]>;
export type Evidence = Schemas["EvidenceRead"];
export type IndicatorId = Evidence["indicator"];
export type Measure = Schemas["MeasureRead"];
export type Indicator = Schemas["IndicatorRead"];
export type About = Schemas["AboutRead"];
export type Me = Schemas["MeRead"];
/** The waveform, made by the server, so that no browser has to decode hours of sound. */
export type Peaks = Schemas["PeaksRead"];
/** One sprite of small pictures, `interval_s` apart, row by row. */
export type Thumbnails = Schemas["ThumbnailsRead"];
