// What the service answers, as crispd/api has it. For the checker alone: no browser loads this.

export interface PhotoBase {
  id: string;
  path: string;
  folder: string;
  filename: string;
  taken_at: string | null;
  taken_from: string | null;
  taken_precision: Precision | null;
  width: number;
  height: number;
  type: string;
  online: boolean;
  thumbnail: string;
  original: string;
}

export type Precision = "second" | "minute" | "day" | "month" | "year";

export interface Place {
  name: string | null;
  region: string | null;
  country: string | null;
}

export interface LineOfText {
  text: string;
  confidence: number;
  corners: number[];
}

export interface MarkedLine extends LineOfText {
  marks: [number, number][];
}

export interface TextOfPhoto {
  read: boolean;
  text: string;
  lines: MarkedLine[];
}

export interface Photo extends PhotoBase {
  camera: string | null;
  lens: string | null;
  latitude: number | null;
  longitude: number | null;
  altitude: number | null;
  rating: number | null;
  keywords: string[];
  title: string | null;
  description: string | null;
  people: string[];
  place: Place | null;
  raws: string[];
  text_lines: LineOfText[];
  bytes: number;
  modified: string;
  content_hash: string;
}

export interface Matched {
  field: string;
  words: string[];
  value: string | null;
  box: number[] | null;
  distance: number | null;
}

export interface Hit extends PhotoBase {
  relevance: "likely" | "maybe" | "unlikely" | null;
  score: number;
  coarse_score: number | null;
  fine_score: number | null;
  duplicates: number | null;
  duplicate_ids: string[];
  matched: Matched[];
  people: string[];
  place: Place | null;
}

export interface Interpreted {
  written: string;
  start: number;
  end: number;
  field: string;
  meant: string;
  negated: boolean;
  values: Record<string, any>;
}

export interface Remark {
  code: string;
  values: Record<string, string>;
  text: string;
}

export interface SearchResponse {
  query: string;
  searched: string;
  results: Hit[];
  closest: Hit[];
  considered: number;
  exact: boolean;
  reranked: number;
  next: string | null;
  interpreted: Interpreted[];
  likely: number | null;
  maybe: number | null;
  timings_ms: Record<string, number>;
  notes: string[];
  remarks: Remark[];
}

export interface Choice {
  value: string;
  count: number;
}

export interface SuggestionsResponse {
  words: string[];
  complete: boolean;
  types: Choice[];
  cameras: Choice[];
  years: Choice[];
  folders: Choice[];
  people: Choice[];
  places: Choice[];
  keywords: Choice[];
}

export interface CompletionItem {
  text: string;
  kind: string;
  count: number | null;
  q: string;
}

export interface PlaceFacet extends Place {
  latitude: number | null;
  longitude: number | null;
  count: number;
}

export interface Folder {
  path: string;
  online: boolean;
  watch: string;
  photos: number;
  failed: number;
  scanning: boolean;
  last_scan: string | null;
  lag_seconds: number;
  hint: string | null;
  hint_code: string | null;
  hint_values: Record<string, string>;
  missing: number;
}

export interface ProblemFile {
  path: string;
  folder: string;
  code: string;
  reason: string;
  since: string;
}

// Of /status, what the page shows.
export interface Status {
  state: string;
  photos: number;
  pending: number;
  failed: number;
  scanning: boolean;
  images_per_second: number | null;
  eta_seconds: number | null;
  text_pending: number;
  text_eta_seconds: number | null;
  pack_change: string;
  pack_target: string | null;
  pack_done: number;
  pack_total: number;
  pack_eta_seconds: number | null;
  pack_download: string;
  pack_download_name: string | null;
  pack_download_bytes: number;
  pack_download_total_bytes: number;
  message: string | null;
  message_code: string | null;
  pack: string | null;
  version: string;
  data_dir: string;
  memory_mb: number | null;
  memory_limit_mb: number;
}

// With what the page asks beside it.
export type Known = SuggestionsResponse & { rated: boolean };

// What is made of crispd's tables (webui/asset_edition.py).
declare global {
  interface Window {
    trustedTypes?: { createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string } };
  }
  var trustedTypes: Window["trustedTypes"];
}

export interface PackEntry {
  name: string;
  state: "active" | "target" | "previous" | "installed" | "available";
  title: string;
  download_mb: number | null;
}

export interface PackOverview {
  packs: PackEntry[];
  switch: { state: string; pack: string | null; done: number; total: number; eta_seconds: number | null };
  pull: { state: string; pack: string | null; done: number; total: number; eta_seconds: number | null; message: string | null };
  refused: { pack: string; reason: string } | null;
  recommended: string | null;
  recommended_hours: number | null;
}
