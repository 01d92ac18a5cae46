import type { components } from "../api/schema.d.ts";

type Schemas = components["schemas"];

export type Agreement = Schemas["AgreementRead"];
export type Figures = Schemas["Figures"];
export type Figure = Schemas["FigureRead"];
export type Table = Schemas["TableRead"];
export type RowsChart = Schemas["RowsChart"];
export type PlotChart = Schemas["PlotChart"];
export type MatricesChart = Schemas["MatricesChart"];
export type Key = Schemas["KeyRead"];
export type ScoreModel = Schemas["ScoreModelState"];
