// Holds requests against Gitea's own description of its API, reduced to the paths that the double knows.

import { readFileSync } from 'node:fs';

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

interface Operation {
  readonly parameters?: readonly { readonly in: string; readonly name: string; readonly schema: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const description = JSON.parse(
  readFileSync(new URL('../../fixtures/gitea/openapi3.reduced.json', import.meta.url), 'utf8'),
) as Description;

/** A request as it came in. */
export interface RawRequest {
  readonly method: string;
  /** As in the description: `/repos/{owner}/{repo}`. */
  readonly template: string;
  readonly query: URLSearchParams;
  readonly contentType: string | null;
  readonly body: string;
}

/** What in `request` the description does not allow; empty when it is as documented. */
export function violations(request: RawRequest): readonly string[] {
  const operation = description.paths[request.template]?.[request.method.toLowerCase()];
  const at = `${request.method} ${request.template}`;
  if (operation === undefined) {
    return [`${at} is not documented`];
  }
  return [...queryViolations(operation, request.query), ...bodyViolations(operation, request)].map(
    (problem) => `${at}: ${problem}`,
  );
}

function queryViolations(operation: Operation, query: URLSearchParams): string[] {
  const known = (operation.parameters ?? []).filter((parameter) => parameter.in === 'query');
  const problems: string[] = [];
  for (const [name, text] of query) {
    const parameter = known.find((one) => one.name === name);
    if (parameter === undefined) {
      problems.push(`query parameter ${name} is not documented`);
    } else {
      const value = parameter.schema.type === 'integer' ? Number(text) : text;
      problems.push(...valueViolations(parameter.schema, value, `query parameter ${name}`));
    }
  }
  return problems;
}

function bodyViolations(operation: Operation, request: RawRequest): string[] {
  const documented = operation.requestBody?.content['application/json']?.schema;
  if (documented === undefined) {
    return request.body === '' ? [] : ['a body is not documented'];
  }
  if (!request.contentType?.startsWith('application/json')) {
    return [`content type ${request.contentType} is not documented`];
  }
  try {
    return valueViolations(documented, JSON.parse(request.body), 'body');
  } catch {
    return ['the body is not JSON'];
  }
}

function valueViolations(schema: Schema, value: unknown, where: string): string[] {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.replace('#/components/schemas/', '');
    return valueViolations(description.components.schemas[name] ?? {}, value, where);
  }
  if (schema.enum !== undefined && !schema.enum.includes(value)) {
    return [`${where} is none of ${schema.enum.join(', ')}`];
  }
  switch (schema.type) {
    case 'object':
      return objectViolations(schema, value, where);
    case 'array':
      return Array.isArray(value)
        ? value.flatMap((item, at) => valueViolations(schema.items ?? {}, item, `${where}[${at}]`))
        : [`${where} is no array`];
    case 'integer':
      return Number.isInteger(value) ? [] : [`${where} is no integer`];
    case 'boolean':
      return typeof value === 'boolean' ? [] : [`${where} is no boolean`];
    case 'string':
      return stringViolations(schema, value, where);
    case undefined:
    default:
      return [];
  }
}

function objectViolations(schema: Schema, value: unknown, where: string): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [`${where} is no object`];
  }
  const missing = (schema.required ?? []).filter((name) => !(name in value));
  const problems = missing.map((name) => `${where}.${name} is missing`);
  for (const [name, field] of Object.entries(value)) {
    const documented = schema.properties?.[name];
    problems.push(
      ...(documented === undefined
        ? [`${where}.${name} is not documented`]
        : valueViolations(documented, field, `${where}.${name}`)),
    );
  }
  return problems;
}

function stringViolations(schema: Schema, value: unknown, where: string): string[] {
  if (typeof value !== 'string') {
    return [`${where} is no string`];
  }
  const isInstant =
    schema.format !== 'date-time' || /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value);
  return isInstant ? [] : [`${where} is no RFC 3339 instant`];
}
