"""What runs inside Redis: one Lua script for each question, so that each is one round trip and atomic.

It must not know how Redis is reached. The scripts keep to commands of Redis 6.2 and to keys of one hash slot; those
they make themselves (the sessions that own a link) carry the same hash tag as the keys they are handed.
"""

from dataclasses import dataclass, field
from hashlib import sha1


@dataclass(frozen=True, slots=True)
class Script:
    """Lua text, and the digest by which Redis knows it once it has seen it."""

    text: str
    sha: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sha", sha1(self.text.encode(), usedforsecurity=False).hexdigest())


LOAD = Script("""
-- KEYS: any key of the scope, then the links, then the parents' links
-- ARGV: what session keys begin with; the session the client names, or ''; the number of links;
--       'h' (head) or 'l' for each link and parent
-- Gives {session or '', place of the link that found it or 0, parent or '', {field, value, ...}}
local stem, session, asked, kinds = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]

local function choose(key, head)
  local bound = redis.call('GET', key)
  if not bound then return '' end
  local owners, newest = cjson.decode(bound), ''
  for i = #owners - 1, 1, -2 do
    local waits = redis.call('HGET', stem .. owners[i], 'head')
    if waits then
      if head and waits ~= '' and waits == owners[i + 1] then return owners[i] end
      if newest ~= '' and not head then return '' end
      if newest == '' then newest = owners[i] end
    end
  end
  return newest
end

local function first(from, to)
  for i = from, to do
    local found = choose(KEYS[i + 1], kinds:sub(i, i) == 'h')
    if found ~= '' then return found, i end
  end
  return '', 0
end

local link = 0
if session == '' then session, link = first(1, asked) end
local fields = session == '' and {} or redis.call('HGETALL', stem .. session)
if #fields == 0 then return {'', 0, (first(asked + 1, #kinds)), {}} end
if redis.call('HGET', stem .. session, 'head') ~= '' then redis.call('HSET', stem .. session, 'head', '') end
return {session, link, '', fields}
""")

SAVE = Script("""
-- KEYS: the session, its recording, its originals, the links to bind
-- ARGV: session; version that was read; head or ''; ms to live; ms its recording is to live;
--       most lines; most bytes of a recording; most owners of a link; most bytes of originals;
--       number of memories; number of originals;
--       then field and value of each memory; then reference and bytes of each original; then the lines
-- Gives nothing, or all fields when the version had moved on and the memories were not written
local session, read, head, ttl = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]
local memories, memories_from = tonumber(ARGV[10]), 12
local items_from = memories_from + 2 * memories
local lines_from = items_from + 2 * tonumber(ARGV[11])

local function remember()
  local version = tonumber(redis.call('HGET', KEYS[1], 'version') or '0')
  local conflict = memories > 0 and version ~= 0 and version ~= read
  local fields = {}
  if not conflict then
    fields = {'version', string.format('%.0f', math.max(version, read) + 1)}
    for i = memories_from, items_from - 1 do fields[#fields + 1] = ARGV[i] end
  end
  if head ~= '' or version == 0 then
    fields[#fields + 1] = 'head'
    fields[#fields + 1] = head
  end
  if #fields > 0 then redis.call('HSET', KEYS[1], unpack(fields)) end
  return conflict
end

local function record()
  local kept = redis.call('LLEN', KEYS[2])
  local bytes = kept > 0 and tonumber(redis.call('HGET', KEYS[1], 'recorded') or '0') or 0
  for i = lines_from, #ARGV do
    kept, bytes = redis.call('RPUSH', KEYS[2], ARGV[i]), bytes + #ARGV[i]
  end
  while kept > tonumber(ARGV[6]) or bytes > tonumber(ARGV[7]) do
    kept, bytes = kept - 1, bytes - #redis.call('LPOP', KEYS[2])
  end
  redis.call('HSET', KEYS[1], 'recorded', bytes)
  redis.call('PEXPIRE', KEYS[2], ARGV[5])
end

local function keep()
  local bytes = tonumber(redis.call('HGET', KEYS[3], 'bytes') or '0')
  for i = items_from, lines_from - 1, 2 do
    local field, grown = 'item:' .. ARGV[i], bytes + #ARGV[i] + #ARGV[i + 1]
    if grown <= tonumber(ARGV[9]) and redis.call('HEXISTS', KEYS[3], field) == 0 then
      local place = redis.call('HLEN', KEYS[3])
      redis.call('HSET', KEYS[3], field, place .. ' ' .. ARGV[i + 1], 'bytes', grown)
      bytes = grown
    end
  end
end

local function bind(key)
  local bound = redis.call('GET', key)
  local owners, most = {}, 2 * tonumber(ARGV[8])
  local before = bound and cjson.decode(bound) or {}
  for i = 1, #before, 2 do
    if before[i] ~= session then
      owners[#owners + 1] = before[i]
      owners[#owners + 1] = before[i + 1]
    end
  end
  owners[#owners + 1] = session
  owners[#owners + 1] = head
  redis.call('SET', key, cjson.encode({unpack(owners, math.max(1, #owners - most + 1))}), 'PX', ttl)
end

local conflict = remember()
if #ARGV >= lines_from then record() end
if lines_from > items_from then keep() end
for i = 4, #KEYS do bind(KEYS[i]) end
redis.call('PEXPIRE', KEYS[1], ttl)
redis.call('PEXPIRE', KEYS[3], ttl)
return conflict and redis.call('HGETALL', KEYS[1]) or false
""")

LIST = Script("""
-- KEYS: the list of sessions
-- ARGV: epoch seconds; member; ms to live; epoch seconds before which sessions have expired; most sessions
redis.call('ZADD', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[4])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - tonumber(ARGV[5]))
redis.call('PEXPIRE', KEYS[1], ARGV[3])
""")

NOTE = Script("""
-- KEYS: the journal
-- ARGV: ms to live; most entries; then the entries
for i = 3, #ARGV do redis.call('RPUSH', KEYS[1], ARGV[i]) end
redis.call('LTRIM', KEYS[1], -tonumber(ARGV[2]), -1)
redis.call('PEXPIRE', KEYS[1], ARGV[1])
""")

TEACH = Script("""
-- KEYS: the lesson
-- ARGV: value; version that was read; ms to live
-- Gives 1, or 0 when the version had moved on
local version = tonumber(redis.call('HGET', KEYS[1], 'version') or '0')
if version ~= 0 and version ~= tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], 'value', ARGV[1], 'version', string.format('%.0f', tonumber(ARGV[2]) + 1))
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
""")
