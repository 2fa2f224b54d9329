"""What Redis does by itself: finding and adding keys, in buckets that split as they fill.

A key of the store is a field of five bytes in one of N hashes; its value is the numbers of documents,
four bytes each.  Hashes of few, short fields are kept by Redis as one piece of memory, at a seventh of
what a structure for each key takes.  So the number of buckets grows with the number of keys, one at a
time (linear hashing): with 2^L <= N buckets, a key whose hash mod 2^(L+1) is no bucket yet is in the one
that this will be split from.  Long values, which would end that form, stand in a hash of their own.

Of a key with more documents than are told, the first ones and the last are kept.
"""

from __future__ import annotations

from provenance.stores.contract import FEW, FULL

__all__ = ["ADD", "CLEAR", "COMPACT", "LOOK", "TRAITS"]

#: Keys of a bucket; Redis turns hashes of more than 128 fields, or of values over 64 bytes, into tables.
_FILL = 64
_SHORT = 64

_COMMON = """
local prefix = KEYS[1]
local meta, long = prefix .. 'meta', prefix .. 'long'
local call, sub, byte = redis.call, string.sub, string.byte
local buckets = tonumber(call('HGET', meta, 'buckets'))
local level = 1
while level * 2 <= buckets do level = level * 2 end
local function bucket(field)
    local a, b, c, d = byte(field, 1, 4)
    local hash = (a + b * 256 + c * 65536 + d * 16777216) % (level * 2)
    if hash >= buckets then hash = hash - level end
    return prefix .. 'e' .. hash
end
local function read(name, field)
    local value = call('HGET', name, field)
    if value == '' then value = call('HGET', long, field) end
    return value
end
local function write(name, field, value)
    if #value <= SHORT then return call('HSET', name, field, value) end
    call('HSET', long, field, value)
    return call('HSET', name, field, '')
end
""".replace("SHORT", str(_SHORT))

#: ARGV: fields.  Returns a byte for each, how many documents hold it, and the documents.
LOOK = (
    _COMMON
    + """
local fields = ARGV[1]
local counts, held = {}, {}
for at = 1, #fields, 5 do
    local field = sub(fields, at, at + 4)
    local value = read(bucket(field), field)
    if value then
        if #value > 4 * FULL then value = sub(value, 1, 4 * FEW) .. sub(value, -4) end
        counts[#counts + 1] = string.char(#value / 4)
        held[#held + 1] = value
    else
        counts[#counts + 1] = '\\0'
    end
end
return {table.concat(counts), table.concat(held)}
""".replace("FULL", str(FULL)).replace("FEW", str(FEW))
)

#: ARGV: fields; a byte for each, how many documents are added; the documents.
ADD = (
    _COMMON
    + """
local fields, counts, held = ARGV[1], ARGV[2], ARGV[3]
-- Before they come: a bucket that was too full once does not get its small form back.
local total = tonumber(call('HGET', meta, 'fields')) + #counts
while total > FILL * buckets do
    local split, into = prefix .. 'e' .. (buckets - level), prefix .. 'e' .. buckets
    local old = call('HGETALL', split)
    buckets = buckets + 1
    for at = 1, #old, 2 do
        if bucket(old[at]) == into then
            call('HSET', into, old[at], old[at + 1])
            call('HDEL', split, old[at])
        end
    end
    if buckets == level * 2 then level = buckets end
end
local from, fresh = 1, 0
for place = 1, #counts do
    local field = sub(fields, 5 * place - 4, 5 * place)
    local length = 4 * byte(counts, place)
    local added = sub(held, from, from + length - 1)
    from = from + length
    local name = bucket(field)
    local value = read(name, field)
    if value then added = value .. added end
    if #added > 4 * FULL then added = sub(added, 1, 4 * FULL) .. sub(added, -4) end
    fresh = fresh + write(name, field, added)
end
call('HINCRBY', meta, 'fields', fresh)
call('HSET', meta, 'buckets', buckets)
""".replace("FULL", str(FULL)).replace("FILL", str(_FILL))
)

#: ARGV: first and last bucket.  Takes documents that are gone out of the buckets.
COMPACT = (
    _COMMON
    + """
local documents, there, lost = prefix .. 'documents', {}, 0
for number = tonumber(ARGV[1]), tonumber(ARGV[2]) do
    local name = prefix .. 'e' .. number
    local fields = call('HKEYS', name)
    for _, field in ipairs(fields) do
        local value, kept = read(name, field), {}
        for at = 1, #value, 4 do
            local one = sub(value, at, at + 3)
            if there[one] == nil then
                local a, b, c, d = byte(one, 1, 4)
                local own = string.format('%.0f', a + b * 256 + c * 65536 + d * 16777216)
                there[one] = call('HEXISTS', documents, own)
            end
            if there[one] == 1 then kept[#kept + 1] = one end
        end
        if #kept * 4 < #value then
            call('HDEL', long, field)
            if #kept > 0 then
                write(name, field, table.concat(kept))
            else
                lost = lost + call('HDEL', name, field)
            end
        end
    end
end
call('HINCRBY', meta, 'fields', 0 - lost)
"""
)

#: Removes all entries.
CLEAR = (
    _COMMON
    + """
for number = 0, buckets - 1 do call('UNLINK', prefix .. 'e' .. number) end
call('UNLINK', long)
call('HSET', meta, 'buckets', 1, 'fields', 0)
"""
)

#: ARGV: numbers.  Returns the traits that stand in their documents, or '' for those that are gone.
TRAITS = """
local found = {}
for place, number in ipairs(ARGV) do
    local width = redis.call('HGET', KEYS[1] .. 'documents', number)
    if width then
        local low, high = string.byte(width, 29, 30)
        found[place] = string.sub(width, 31, 30 + low + 256 * high)
    else
        found[place] = ''
    end
end
return found
"""
