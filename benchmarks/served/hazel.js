// hazel-server exports a handler of requests; this is all that it needs around it.
require('http').createServer(require('hazel-server/lib/server')).listen(Number(process.env.PORT), '127.0.0.1')
