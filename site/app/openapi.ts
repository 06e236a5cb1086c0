// The OpenAPI document as its page shows it: operations by tag, types resolved, and a line of curl for each.

interface Reference { $ref: string }
export interface Schema {
  type?: string;
  enum?: string[];
  anyOf?: (Schema | Reference)[];
  items?: Schema | Reference;
  properties?: Record<string, Schema | Reference>;
  required?: string[];
  description?: string;
  format?: string;
  title?: string;
  minimum?: number;
  maximum?: number;
}
interface Parameter {
  name: string; in: "path" | "query" | "header"; description?: string; required: boolean; schema: Schema; example?: string | number;
}
interface Answer { description: string; content?: Record<string, { schema?: Schema | Reference; example?: unknown }>; headers?: Record<string, unknown> }
interface Spoken { tags: string[]; summary: string; description?: string; operationId: string; responses: Record<string, Answer> }
interface Document {
  info: { description: string };
  tags: { name: string }[];
  paths: Record<string, { parameters?: Parameter[]; get?: Spoken }>;
  components: { schemas: Record<string, Schema> };
}

export interface Operation {
  id: string;
  path: string;
  summary: string;
  description: string;
  parameters: { name: string; in: string; required: boolean; type: string; description: string }[];
  answers: { status: string; description: string; kinds: string[]; type: string | null }[];
  example: string | null; // JSON
  curl: string;
}

export interface Kind {
  name: string;
  description: string;
  fields: { name: string; type: string; required: boolean; description: string }[];
}

export interface Api {
  promises: string[];
  groups: { tag: string; operations: Operation[] }[];
  kinds: Kind[];
}

const nameOf = ({ $ref }: Reference) => $ref.split("/").at(-1) ?? $ref;

/** A type in words, such as "array of File" or "string or null". */
export function type(schema: Schema | Reference | undefined): string {
  if (!schema) return "anything";
  if ("$ref" in schema) return nameOf(schema);
  if (schema.anyOf) return schema.anyOf.map(type).join(" or ");
  if (schema.enum) return schema.enum.map((each) => `"${each}"`).join(" or ");
  if (schema.type === "array") return `array of ${type(schema.items)}`;
  const range = schema.minimum !== undefined && schema.maximum !== undefined ? `, ${schema.minimum} to ${schema.maximum}` : "";
  return (schema.format ? `${schema.type} (${schema.format})` : (schema.type ?? "object")) + range;
}

/** A request that works: what has to be said, by its example. */
export function curl(host: string, path: string, parameters: Parameter[]): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => String(parameters.find((each) => each.name === name)?.example ?? name));
  const flags = path.startsWith("/download/") ? "-LO" : "-i";
  return `curl ${flags} ${host}${filled}`;
}

function operation(host: string, path: string, parameters: Parameter[], said: Spoken): Operation {
  const answers = Object.entries(said.responses).map(([status, { description, content = {} }]) => ({
    status, description, kinds: Object.keys(content), type: Object.values(content)[0]?.schema ? type(Object.values(content)[0]?.schema) : null,
  }));
  const example = Object.values(said.responses["200"]?.content ?? {}).find((each) => each.example !== undefined)?.example;
  return {
    id: said.operationId.replaceAll("_", "-"),
    path,
    summary: said.summary,
    description: said.description ?? "",
    parameters: parameters.map((each) => ({
      name: each.name, in: each.in, required: each.required, type: type(each.schema), description: each.description ?? "",
    })),
    answers,
    example: example === undefined ? null : JSON.stringify(example, null, 2),
    curl: curl(host, path, parameters),
  };
}

/** HEAD and OPTIONS answer wherever GET does, so GET stands for all of them. */
export function api(document: unknown, host: string): Api {
  const { info, tags, paths, components } = document as Document;
  const all = Object.entries(paths).flatMap(([path, { parameters = [], get }]) => (get ? [{ tags: get.tags, made: operation(host, path, parameters, get) }] : []));
  return {
    promises: info.description.split("\n").map((line) => line.replace(/^- /, "")).filter(Boolean),
    groups: tags.map(({ name }) => ({ tag: name, operations: all.filter((each) => each.tags.includes(name)).map(({ made }) => made) })),
    kinds: Object.entries(components.schemas).map(([name, { description = "", properties = {}, required = [] }]) => ({
      name,
      description,
      fields: Object.entries(properties).map(([field, schema]) => ({
        name: field, type: type(schema), required: required.includes(field), description: "$ref" in schema ? "" : (schema.description ?? ""),
      })),
    })),
  };
}
