-- Plays a list of requests over and over: `wrk -s requests.lua ADDRESS -- FILE RUN`.
-- Each line of FILE is METHOD <tab> PATH <tab> COOKIE <tab> IF-NONE-MATCH <tab> BODY; "@KEY@" in a body becomes a key
-- never used before (RUN tells one run's keys from another's). At the end one line for load.py: `RESULT name=value ...`.

local plan, ready, at, serial, run = {}, {}, 0, 0, ""

local function fields(line)
  local found = {}
  for field in (line .. "\t"):gmatch("([^\t]*)\t") do
    found[#found + 1] = field
  end
  return found
end

local function write(step, body)
  local headers = { ["Host"] = wrk.host .. ":" .. wrk.port, ["Accept"] = "text/html" }
  if step.cookie ~= "" then headers["Cookie"] = step.cookie end
  if step.etag ~= "" then headers["If-None-Match"] = step.etag end
  if body ~= "" then
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    headers["Origin"] = "http://" .. wrk.host .. ":" .. wrk.port
    headers["Sec-Fetch-Site"] = "same-origin"
  end
  return wrk.format(step.method, step.path, headers, body ~= "" and body or nil)
end

function init(arguments)
  run = arguments[2]
  for line in io.lines(arguments[1]) do
    local field = fields(line)
    local step = { method = field[1], path = field[2], cookie = field[3], etag = field[4], body = field[5] }
    plan[#plan + 1] = step
    -- What never changes is written once: the load generator must not be what is measured.
    if not step.body:find("@KEY@", 1, true) then ready[#plan] = write(step, step.body) end
  end
end

function request()
  at = at % #plan + 1
  if ready[at] then return ready[at] end
  serial = serial + 1
  local key = run .. string.format("%08d", serial)
  return write(plan[at], (plan[at].body:gsub("@KEY@", key)))
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    "RESULT requests=%d seconds=%.6f p50_ms=%.3f p99_ms=%.3f bytes=%d refused=%d broken=%d\n",
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    summary.bytes, errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
