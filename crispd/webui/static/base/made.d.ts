// Modules that the service makes (webui/asset_edition.py).

declare module "*/filter_list.js" {
  const filters: { name: string; label: string }[];
  export default filters;
}

declare module "*/languages.js" {
  const languages: Record<string, { own_name: string } & Record<string, any>>;
  export default languages;
}

// Written before sw.js (webui/asset_routes.py).
declare const EDITION: { version: string; files: string[] };
