// What Cloudflare does with a request, phase by phase, in its own order. The rules are zone.js, made from the realised
// rulesets; what is here is the same for every zone.
import language from 'language.js';
import zone from 'zone.js';

const REFUSED = 'refused'; // an answer of the edge's own protection, which Cloudflare lets no error page replace

// -- the request as rules see it ------------------------------------------------------------------------------------

function asked(r) {
    const uri = r.variables.request_uri;
    const cut = uri.indexOf('?');
    const rawPath = cut < 0 ? uri : uri.slice(0, cut);
    const query = cut < 0 ? '' : uri.slice(cut + 1);
    const headers = gathered(r.rawHeadersIn);
    const q = {
        host: r.variables.asked_host,
        method: r.method,
        ip: r.remoteAddress,
        headers: headers,
        headerNames: Object.keys(headers),
        args: parsed(query),
        rawPath: rawPath,
        rawQuery: query,
        rawUri: uri,
        rawFullUri: 'https://' + r.variables.asked_host + uri,
    };
    return located(q, normal(rawPath), query);
}

function located(q, path, query) {
    const dot = path.slice(path.lastIndexOf('/') + 1).lastIndexOf('.');
    q.path = path;
    q.query = query;
    q.uri = path + (query ? '?' + query : '');
    q.fullUri = 'https://' + q.host + q.uri;
    q.extension = dot < 0 ? '' : path.slice(path.lastIndexOf('/') + 2 + dot).toLowerCase();
    return q;
}

function gathered(pairs) {
    const found = {};
    pairs.forEach(function (pair) {
        const name = pair[0].toLowerCase();
        (found[name] = found[name] || []).push(pair[1]);
    });
    return found;
}

function parsed(query) {
    const found = {};
    query.split('&').forEach(function (part) {
        const cut = part.indexOf('=');
        const name = cut < 0 ? part : part.slice(0, cut);
        if (name) {
            (found[name] = found[name] || []).push(cut < 0 ? '' : part.slice(cut + 1));
        }
    });
    return found;
}

// Cloudflare's normalisation of URLs: https://developers.cloudflare.com/rules/normalization/how-it-works/
function normal(path) {
    const plain = path.replace(/\\/g, '/').replace(/\/{2,}/g, '/').replace(/%[0-9a-fA-F]{2}/g, function (code) {
        const character = String.fromCharCode(parseInt(code.slice(1), 16));
        return /[A-Za-z0-9._~-]/.test(character) ? character : code.toUpperCase();
    });
    const kept = [];
    const steps = plain.split('/').slice(1);
    steps.forEach(function (step, index) {
        if (step === '..') {
            kept.pop();
        } else if (step !== '.') {
            kept.push(step);
        }
        if ((step === '..' || step === '.') && index === steps.length - 1) {
            kept.push('');
        }
    });
    return '/' + kept.join('/');
}

// Rules of one phase do not see what others of that phase changed; later phases do.
function rewritten(q) {
    let path = q.path;
    let query = q.query;
    zone.rewrites.filter((rule) => rule.when(q, language)).forEach(function (rule) {
        path = rule.path ? rule.path(q, language) : path;
        query = rule.query ? rule.query(q, language) : query;
    });
    const other = path !== q.path || query !== q.query;
    located(q, path, query);
    q.toOrigin = other ? q.uri : q.rawUri;
    return q;
}

// -- before the origin ----------------------------------------------------------------------------------------------

async function handle(r) {
    let q = asked(r);
    const redirect = zone.redirects.find((rule) => rule.when(q, language));
    if (redirect) {
        return redirected(r, q, redirect);
    }
    q = rewritten(q);
    const spared = {};
    if (refused(r, q, spared)) {
        return undefined;
    }
    r.variables.spared = spared.limits ? 'limits' : '';
    if (!spared.limits && limited(r, q)) {
        return undefined;
    }
    const application = zone.applications[q.host];
    if (q.path.startsWith('/cdn-cgi/')) {
        return ownPath(r, q, application);
    }
    if (application && !(await admitted(r, q, application))) {
        return undefined;
    }
    return passOn(r, q);
}

function redirected(r, q, rule) {
    const target = rule.target(q, language);
    const kept = rule.keepQuery && q.query && target.indexOf('?') < 0 ? '?' + q.query : '';
    r.return(rule.status, reachable(r, target) + kept);
}

// A laptop's hosts are ports: what the world reaches as https://<host> is here http://<host>:<port>.
function reachable(r, url) {
    const host = Object.keys(zone.hosts).find((name) => (url + '/').startsWith('https://' + name + '/'));
    if (!host) {
        return url;
    }
    const own = zone.hosts[host].port;
    const byPort = own && Number(r.variables.server_port) !== zone.port;
    const origin = byPort ? 'http://127.0.0.1:' + own : 'http://' + host + ':' + zone.port;
    return origin + url.slice('https://'.length + host.length);
}

function refused(r, q, spared) {
    const rule = zone.firewall.find(function (each) {
        if (spared.rest || !each.when(q, language)) {
            return false;
        }
        spared.rest = spared.rest || each.rest;
        spared.limits = spared.limits || each.limits;
        return Boolean(each.answer);
    });
    return Boolean(rule) && said(r, rule.answer, REFUSED);
}

function said(r, answer, why) {
    r.variables.said = why;
    r.headersOut['Content-Type'] = answer.kind;
    r.headersOut['Cache-Control'] = 'no-store';
    r.return(answer.status, answer.content);
    return true;
}

function problem(status, title) {
    const content = JSON.stringify({ type: 'about:blank', title: title, status: status });
    return { status: status, kind: 'application/problem+json', content: content };
}

// -- rate limits: counted in whole windows, as one of Cloudflare's data centres does -------------------------------

function limited(r, q) {
    const rule = zone.limits.find(function (each) {
        if (!each.when(q, language)) {
            return false;
        }
        if (!each.originOnly) {
            count(each, q);
        }
        return wait(each, q) > 0;
    });
    if (!rule) {
        return false;
    }
    r.headersOut['Retry-After'] = String(Math.ceil(wait(rule, q) / 1000));
    return said(r, rule.answer, REFUSED);
}

function counter(rule, q) {
    return [rule.ref].concat(rule.key.map((part) => part(q, language))).join(' ');
}

function wait(rule, q) {
    return (ngx.shared.stopped.get(counter(rule, q)) || 0) - Date.now();
}

function count(rule, q) {
    const key = counter(rule, q);
    const length = rule.period * 1000;
    const window = Math.floor(Date.now() / length);
    const seen = ngx.shared.counted.incr(key + ' ' + window, 1, 0, length);
    if (seen > rule.requests && wait(rule, q) <= 0) {
        const until = rule.timeout ? Date.now() + rule.timeout * 1000 : (window + 1) * length;
        ngx.shared.stopped.set(key, until, until - Date.now());
    }
}

// -- Cloudflare Access: a stand-in that takes people for who they say they are, and signs that as Access does --------

const ACCESS = '/cdn-cgi/access/';
const NOBODY = 'nobody';

function ownPath(r, q, application) {
    const page = q.path.startsWith(ACCESS) ? q.path.slice(ACCESS.length) : '';
    if (page === 'certs') {
        return certificates(r);
    }
    if (application && (page === 'login' || page === 'logout')) {
        const who = page === 'logout' ? NOBODY : language.url_decode(language.at(q.args.email, 0) || '');
        r.headersOut['Set-Cookie'] = ['CF_Laptop_Identity=' + encodeURIComponent(who) + '; Path=/; HttpOnly; SameSite=Strict'];
        return r.return(302, '/');
    }
    return said(r, problem(404, 'There is nothing here'), '');
}

function certificates(r) {
    r.headersOut['Content-Type'] = 'application/json';
    return r.return(200, zone.identity.certificates);
}

async function admitted(r, q, application) {
    const cookie = /(?:^|;\s*)CF_Laptop_Identity=([^;]*)/.exec(language.at(q.headers.cookie, 0) || '');
    const email = cookie ? language.url_decode(cookie[1]) : application.somebody;
    const domain = email.slice(email.lastIndexOf('@') + 1);
    if (application.everybody || application.emails.indexOf(email) >= 0 || application.domains.indexOf(domain) >= 0) {
        r.variables.identity = await signed(application, email);
        return true;
    }
    const way = 'sign in as somebody else at /cdn-cgi/access/login?email=…';
    said(r, problem(403, email + ' may not see this; ' + way), REFUSED);
    return false;
}

async function signed(application, email) {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
        aud: [application.aud],
        email: email,
        exp: now + application.seconds,
        iat: now,
        nbf: now,
        iss: zone.identity.issuer,
        type: 'app',
        sub: email,
        country: '',
    };
    const start = part(JSON.stringify({ alg: 'RS256', kid: zone.identity.kid })) + '.' + part(JSON.stringify(claims));
    const how = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
    const bytes = Buffer.from(zone.identity.key, 'base64');
    const key = await crypto.subtle.importKey('pkcs8', bytes, how, false, ['sign']);
    return start + '.' + part(await crypto.subtle.sign(how, key, start));
}

function part(bytes) {
    return Buffer.from(bytes).toString('base64url').replace(/=/g, '');
}

// -- to the origin --------------------------------------------------------------------------------------------------

function passOn(r, q) {
    const host = zone.hosts[q.host];
    if (host.kind === 'nowhere') {
        return said(r, problem(522, 'There is no origin behind this name'), '');
    }
    if (host.kind === 'bucket' && r.method !== 'GET' && r.method !== 'HEAD') {
        return said(r, problem(405, 'A bucket is only read'), '');
    }
    const cache = zone.caches.filter((rule) => rule.when(q, language)).pop();
    const keeps = cache && cache.keep;
    r.variables.kept_as = q.toOrigin;
    r.variables.to_origin = host.kind === 'bucket' ? '/' + host.bucket + q.toOrigin.split('?')[0] : q.toOrigin;
    return r.internalRedirect('@' + host.lane + (keeps ? '_kept' + (cache.seconds || '') : ''));
}

// -- before the answer leaves -----------------------------------------------------------------------------------------

function headers(r) {
    const q = rewritten(asked(r));
    if (r.headersOut.Location) {
        r.headersOut.Location = reachable(r, r.headersOut.Location);
    }
    q.code = r.status;
    q.mediaType = (r.headersOut['Content-Type'] || '').split(';')[0].trim().toLowerCase();
    q.answered = {};
    Object.keys(r.headersOut).forEach((name) => (q.answered[name.toLowerCase()] = [].concat(r.headersOut[name])));
    if (r.variables.upstream_addr && r.variables.upstream_cache_status !== 'HIT' && !r.variables.spared) {
        zone.limits.filter((rule) => rule.originOnly && rule.when(q, language)).forEach((rule) => count(rule, q));
    }
    if (r.variables.upstream_cache_status === 'HIT') {
        aged(r);
    }
    if (r.status >= 400 && r.variables.said !== REFUSED) {
        replaceError(r, q);
    }
    zone.headers.filter((rule) => rule.when(q, language)).forEach((rule) => rule.headers.forEach((each) => change(r, q, each)));
}

// How long the cache has had an answer (RFC 9111, 5.1), so that a cache behind it counts on. nginx has no word for it,
// but still has the origin's own Date.
function aged(r) {
    const then = Date.parse(r.variables.upstream_http_date);
    if (!isNaN(then)) {
        r.headersOut.Age = String(Math.max(0, Math.floor((Date.now() - then) / 1000)));
    }
}

function replaceError(r, q) {
    const index = zone.errors.findIndex((rule) => rule.when(q, language));
    if (index < 0) {
        return;
    }
    const answer = zone.errors[index].answer;
    r.variables.page = String(index);
    r.status = answer.status || r.status;
    r.headersOut['Content-Type'] = answer.kind;
    ['Content-Length', 'Content-Encoding', 'ETag', 'Last-Modified', 'Accept-Ranges'].forEach((name) => delete r.headersOut[name]);
}

function change(r, q, header) {
    if (header.operation === 'remove') {
        delete r.headersOut[header.name];
    } else if (header.operation === 'set') {
        r.headersOut[header.name] = header.value(q, language);
    } else {
        r.headersOut[header.name] = [].concat(r.headersOut[header.name] || [], header.value(q, language)).join(', ');
    }
}

function body(r, data, flags) {
    if (r.variables.page === '') {
        r.sendBuffer(data, flags);
        r.done(); // the rest passes as it is
    } else if (flags.last) { // nothing of the origin's own words; nginx writes twice what comes after an empty part
        r.sendBuffer(zone.errors[Number(r.variables.page)].answer.content, flags);
    }
}

export default { handle, headers, body, certificates };
