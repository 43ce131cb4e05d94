import { assertEquals } from "@std/assert";
import { ENDPOINTS, routeOf } from "../../src/http/router.ts";

const cases = [
  { method: "POST", path: "/api/hook", want: "hook" },
  { method: "POST", path: "/api/sync", want: "sync" },
  { method: "GET", path: "/api/status", want: "status" },
  { method: "GET", path: "/api/stats", want: "stats" },
  { method: "GET", path: "/metrics", want: "metrics" },
  { method: "GET", path: "/health/live", want: "live" },
  { method: "HEAD", path: "/health/live", want: "live" },
  { method: "HEAD", path: "/health/ready", want: "ready" },
  { method: "GET", path: "/api/hook", want: "only POST" },
  { method: "HEAD", path: "/api/sync", want: "only POST" },
  { method: "OPTIONS", path: "/api/sync", want: "only POST" },
  { method: "DELETE", path: "/api/stats", want: "only GET, HEAD" },
  { method: "POST", path: "/health/live", want: "only GET, HEAD" },
  { method: "GET", path: "/", want: "no such path" },
  { method: "GET", path: "/api/status/", want: "no such path" },
  { method: "POST", path: "/API/HOOK", want: "no such path" },
  { method: "POST", path: "/constructor", want: "no such path" },
];

for (const { method, path, want } of cases) {
  Deno.test(`routeOf() takes ${method} ${path} for: ${want}`, () => {
    const found = routeOf(method, path);
    const got = found.kind === "endpoint"
      ? found.endpoint.route
      : found.kind === "wrong method"
      ? `only ${found.allow}`
      : found.kind;
    assertEquals(got, want);
  });
}

Deno.test("commands are taken on the service's own socket, and by no address", () => {
  assertEquals(routeOf("POST", "/api/command").kind, "no such path");
  assertEquals(routeOf("POST", "/api/command", true).kind, "endpoint");
});

Deno.test("whatever changes something is private too", () => {
  assertEquals(ENDPOINTS.filter((each) => each.changes && !each.private), []);
});

Deno.test("the chapter's table has every endpoint, and says which need the token", () => {
  const chapter = new URL("../../src/cli/help/http.md", import.meta.url);
  const table = /<!-- endpoints: checked -->\s+((?:\|.*\n)+)/.exec(
    Deno.readTextFileSync(chapter),
  )![1]!;
  const rows = table.trimEnd().split("\n").slice(2).map((row) => {
    const [, request, token] = row.split("|").map((cell) => cell.trim());
    return [request, token];
  });
  const want = ENDPOINTS.map(({ path, changes, local }) =>
    changes ? [`\`POST ${path}\``, local ? "" : "needed"] : [`\`GET ${path}\``, ""]
  );
  assertEquals(rows, want);
});
