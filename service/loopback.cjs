// Loaded into Microsoft's chat client before its own code: it listens on this machine alone, and answers to its names.
const net = require("net");
const http = require("http");
const NAMES = ["127.0.0.1", "localhost", "[::1]"];

const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (...given) {
  const [first, ...rest] = given;
  if (first !== null && typeof first === "object" && first.port !== undefined) {
    return listen.call(this, { ...first, host: "127.0.0.1" }, ...rest);
  }
  if (typeof first === "number" || typeof first === "string") {
    return listen.call(this, { port: first, host: "127.0.0.1" }, ...rest.filter((more) => typeof more === "function"));
  }
  return listen.apply(this, given);
};

const isOurs = (address) => address === undefined || NAMES.includes(address.replace(/^\w+:\/\//, "").replace(/:\d+$/, ""));
const emit = http.Server.prototype.emit;
http.Server.prototype.emit = function (event, request, answer, ...rest) {
  if ((event === "request" || event === "upgrade") && !(isOurs(request.headers.host) && isOurs(request.headers.origin))) {
    return event === "request" ? answer.writeHead(403).end() : answer.destroy();
  }
  return emit.call(this, event, request, answer, ...rest);
};
