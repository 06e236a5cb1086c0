// Preloaded: whoever asks https://api.github.com asks the stand-in on this machine instead.
const http = require('http')
const https = require('https')
const { request } = https

https.request = (options, ...more) => {
  const host = options.hostname || options.host
  if (host !== 'api.github.com') return request(options, ...more)
  const { protocol, agent, href, ...asked } = options
  const there = { hostname: '127.0.0.1', host: '127.0.0.1', port: Number(process.env.GITHUB_STAND_IN) }
  return http.request({ ...asked, ...there, defaultPort: 80 }, ...more)
}
