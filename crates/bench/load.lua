-- Sends the tokens of the file TOKENS, one a line, round and round; each of two threads begins in its own half. Where AFTER
-- names another file, its tokens take turns with the first ones from the second SWITCH on.

local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

local function lines(name)
  local all = {}
  for line in io.lines(name) do
    all[#all + 1] = "Bearer " .. line
  end
  return all
end

function init()
  tokens = lines(os.getenv("TOKENS"))
  local after = os.getenv("AFTER")
  later = after and lines(after) or {}
  switch = tonumber(os.getenv("SWITCH") or "0")
  at = math.floor(#tokens * number / 2)
end

function request()
  at = at + 1
  local from = tokens
  if #later > 0 and at % 2 == 0 and os.time() >= switch then
    from = later
  end
  wrk.headers["Authorization"] = from[at % #from + 1]
  return wrk.format("GET")
end
