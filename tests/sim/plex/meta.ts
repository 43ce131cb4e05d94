/** The self-description of a section's listing: fields, operators and sorts on offer. */
import type { SimSection } from "./model.ts";
import type { Row } from "./wire.ts";

const TAG_FIELDS = ["genre", "collection", "director", "actor", "country", "label"];
const OTHER_FIELDS: [string, string][] = [
  ["title", "string"],
  ["studio", "string"],
  ["contentRating", "tag"],
  ["year", "integer"],
  ["userRating", "integer"],
  ["unmatched", "boolean"],
  ["duplicate", "boolean"],
  ["addedAt", "date"],
  ["lastViewedAt", "date"],
];
const SORTS = [
  "titleSort",
  "originallyAvailableAt",
  "year",
  "rating",
  "audienceRating",
  "userRating",
  "contentRating",
  "duration",
  "addedAt",
  "lastViewedAt",
  "viewCount",
];
const OPERATORS: Record<string, [string, string][]> = {
  integer: [["=", "is"], ["!=", "is not"], [">>=", "is greater than"], ["<<=", "is less than"]],
  string: [
    ["=", "contains"],
    ["!=", "does not contain"],
    ["==", "is"],
    ["!==", "is not"],
    ["<=", "begins with"],
    [">=", "ends with"],
  ],
  boolean: [["=", "is true"], ["!=", "is false"]],
  tag: [["=", "is"], ["!=", "is not"]],
  date: [["<<=", "is before"], [">>=", "is after"]],
};

/** The `Meta` member of a container, empty otherwise. */
export function sectionMeta(section: SimSection): { Meta: Row } {
  const base = `/library/sections/${section.key}`;
  const types: [string, number][] = section.type === "show"
    ? [["show", 2], ["episode", 4]]
    : [["movie", 1]];
  return {
    Meta: {
      Type: [...types, ["collection", 18] as const].map(([type, number], index) => ({
        key: `${base}/all?type=${number}`,
        type,
        title: type,
        active: index === 0,
        Filter: [...TAG_FIELDS, "studio", "contentRating", "year"].map((filter) => ({
          filter,
          filterType: filter === "year" ? "integer" : "string",
          key: `${base}/${filter}`,
          title: filter,
          type: "filter",
        })),
        Sort: SORTS.map((key) => ({
          default: key === "titleSort" ? "asc" : undefined,
          defaultDirection: "asc",
          descKey: `${key}:desc`,
          key,
          title: key,
        })),
        Field: [
          ...OTHER_FIELDS.map(([key, kind]) => ({ key, title: key, type: kind })),
          ...TAG_FIELDS.map((key) => ({ key, title: key, type: "tag" })),
        ],
      })),
      FieldType: Object.entries(OPERATORS).map(([type, operators]) => ({
        type,
        Operator: operators.map(([key, title]) => ({ key, title })),
      })),
    },
  };
}
