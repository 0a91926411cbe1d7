// A case from the portal to its figure, by a client of openapi-fetch on the generated types.
// Called with the service's address and the file of its demonstration's keys.

import { strict as assert } from "node:assert";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import createClient from "openapi-fetch";
import type { components, paths } from "./api";

type Problem = components["schemas"]["Problem"];
type Answer = components["schemas"]["AnswerOut"];
type Role = "portal" | "contact_centre" | "customer_relations" | "reporting";

const [baseUrl, file] = process.argv.slice(2) as [string, string];
const keys = JSON.parse(readFileSync(file, "utf8")) as Record<Role, string>;
const as = (role: Role) =>
  createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${keys[role]}` } });

function given<T>(answer: { data?: T; error?: Problem }): T {
  if (answer.data === undefined) {
    throw new Error(`${answer.error?.status} ${answer.error?.type}: ${answer.error?.detail}`);
  }
  return answer.data;
}

function refused(error: Problem | undefined, status: number): Problem {
  assert.ok(error);
  assert.equal(error.status, status);
  assert.ok(error.type && error.title && error.detail);
  return error;
}

function etag(response: Response): string {
  const tag = response.headers.get("etag");
  assert.ok(tag);
  return tag;
}

// The portal submits, and looks up its receipt.
const portal = as("portal");
const receipt = given(
  await portal.POST("/v1/feedback", {
    params: { header: { "Idempotency-Key": randomUUID() } },
    body: { type: "complaint", narrative: "Nobody has rung back." },
  }),
);
const standing = given(
  await portal.GET("/v1/feedback/{reference}/receipt", {
    params: {
      path: { reference: receipt.reference },
      header: { "Receipt-Token": receipt.receipt_token },
    },
  }),
);
assert.equal(standing.reference, receipt.reference);

// The contact centre logs a call.
const logged = given(
  await as("contact_centre").POST("/v1/feedback", {
    params: { header: { "Idempotency-Key": randomUUID(), "Acting-Officer": "c.agent" } },
    body: { type: "complaint", channel: "phone", narrative: "The review was cancelled." },
  }),
);

// Customer Relations works it to an outcome, each act on the version it was decided on.
const relations = as("customer_relations");
const path = { reference: logged.reference };
const read = await relations.GET("/v1/feedback/{reference}", { params: { path } });
const first = etag(read.response);
assert.equal(given(read).type, "complaint");

const header = { "If-Match": first, "Acting-Officer": "j.officer" };
const early = await relations.POST("/v1/feedback/{reference}/closure", {
  params: { path, header },
  body: {},
});
refused(early.error, 409);

const triaged = await relations.POST("/v1/feedback/{reference}/triage", {
  params: { path, header },
  body: {
    decision: "accept",
    procedure: "childrens-statutory",
    category: "communication",
    service: "children-and-families",
  },
});
given(triaged);

const stale = await relations.POST("/v1/feedback/{reference}/stages/{stage}/outcome", {
  params: { path: { ...path, stage: 1 }, header },
  body: { finding: "upheld" },
});
refused(stale.error, 412);

const answered = await relations.POST("/v1/feedback/{reference}/stages/{stage}/outcome", {
  params: {
    path: { ...path, stage: 1 },
    header: { "If-Match": etag(triaged.response), "Acting-Officer": "j.officer" },
  },
  body: { finding: "upheld", remedies: [{ kind: "apology" }] },
});
assert.equal(given(answered).stages[0]?.finding, "upheld");

// A payload that is wrong is told where.
const wrong = await portal.POST("/v1/feedback", {
  params: { header: { "Idempotency-Key": randomUUID() } },
  body: { type: "complaint", narrative: "" },
});
assert.equal(refused(wrong.error, 422).errors?.[0]?.pointer, "#/narrative");

// Reporting pulls a figure: JSON, of the forms it comes in, where no other is asked for.
const figure = given(
  await as("reporting").GET("/v1/stats/figures/{slug}", {
    params: { path: { slug: "outcomes" }, query: { year: "2023-24" } },
  }),
) as Answer;
assert.equal(figure.figure, "outcomes");
assert.ok(figure.rows.length > 0);
