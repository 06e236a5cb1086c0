// The functions and operators of Cloudflare's rule language, as zone.js calls them. A value that is not there
// (undefined) compares to nothing, as in Cloudflare's: neither `eq` nor `ne` holds.

function there(value) {
    return value !== undefined && value !== null;
}

function text(value) {
    return there(value) ? String(value) : '';
}

function pattern(wildcard, flags) {
    // `*` stands for anything, `\*` and `\\` for themselves.
    const parts = wildcard.match(/\\[\s\S]|[\s\S]/g) || [];
    const source = parts.map((part) => (part === '*' ? '([\\s\\S]*?)' : escaped(part.slice(-1)))).join('');
    return new RegExp('^' + source + '$', flags);
}

function escaped(character) {
    return /[\^$.*+?()[\]{}|\\/-]/.test(character) ? '\\' + character : character;
}

function replaced(value, found, replacement) {
    const filled = replacement.replace(/\$\{(\d+)\}/g, (_, number) => text(found[Number(number)]));
    return value.slice(0, found.index) + filled + value.slice(found.index + found[0].length);
}

export default {
    eq: (a, b) => there(a) && a === b,
    ne: (a, b) => there(a) && a !== b,
    lt: (a, b) => there(a) && a < b,
    le: (a, b) => there(a) && a <= b,
    gt: (a, b) => there(a) && a > b,
    ge: (a, b) => there(a) && a >= b,
    contains: (a, b) => text(a).indexOf(b) >= 0,
    matches: (a, b) => there(a) && new RegExp(b).test(a),
    wildcard: (a, b) => there(a) && pattern(b, 'i').test(a),
    strict_wildcard: (a, b) => there(a) && pattern(b, '').test(a),
    among: (a, values) => values.some((b) => (Array.isArray(b) ? a >= b[0] && a <= b[1] : a === b)),
    at: (container, key) => (there(container) ? container[key] : undefined),
    each: (container) => container || [],

    starts_with: (a, b) => text(a).startsWith(b),
    ends_with: (a, b) => text(a).endsWith(b),
    lower: (a) => text(a).toLowerCase(),
    upper: (a) => text(a).toUpperCase(),
    len: (a) => (Array.isArray(a) ? a.length : Buffer.from(text(a)).length),
    concat: function () {
        return Array.prototype.map.call(arguments, text).join('');
    },
    substring: (a, from, to) => text(a).slice(from, to),
    to_string: text,
    url_decode: function (a) {
        try {
            return decodeURIComponent(text(a).replace(/\+/g, ' '));
        } catch (_) {
            return text(a);
        }
    },
    regex_replace: function (a, regex, replacement) {
        const found = new RegExp(regex).exec(text(a));
        return found ? replaced(text(a), found, replacement) : text(a);
    },
    wildcard_replace: function (a, wildcard, replacement, flags) {
        const found = pattern(wildcard, flags === 's' ? '' : 'i').exec(text(a));
        return found ? replaced(text(a), found, replacement) : text(a);
    },
};
