// A receiver of webhooks: node receiver.mjs, with WEBHOOK_SECRET and PORT set.
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const TOLERANCE_SECONDS = 300;
const MOST = 1024 * 1024;
const key = Buffer.from(process.env.WEBHOOK_SECRET.replace(/^whsec_/, ""), "base64");

// Keep these where they outlive the process, in the transaction that acts on the event.
const seen = new Set();

/** Whether a delivery is ours and fresh; body is the bytes as they came, before any parser. */
export function isGenuine(headers, body) {
  const id = headers["webhook-id"] ?? "";
  const timestamp = headers["webhook-timestamp"] ?? "";
  if (id === "" || !/^[0-9]+$/.test(timestamp)) {
    return false;
  }
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) {
    return false;
  }
  const mac = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64");
  const expected = Buffer.from(`v1,${mac}`);
  // While a secret is changed there are two signatures, and one of them is ours.
  return (headers["webhook-signature"] ?? "").split(" ").some((one) => {
    const given = Buffer.from(one);
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

const server = createServer((request, response) => {
  const pieces = [];
  let length = 0;
  request.on("data", (piece) => {
    length += piece.length;
    if (length > MOST) {
      request.destroy();
    }
    pieces.push(piece);
  });
  request.on("end", () => {
    const body = Buffer.concat(pieces);
    const genuine = isGenuine(request.headers, body);
    const id = request.headers["webhook-id"];
    if (genuine && !seen.has(id)) {
      seen.add(id);
      console.log(`${id} ${body.toString("utf8")}`);
    }
    response.writeHead(genuine ? 204 : 400).end();
  });
});
server.listen(Number(process.env.PORT), "127.0.0.1", () => console.log("listening"));
