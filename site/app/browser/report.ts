// Sends errors to the collector that the build names, and nothing of whose they were.
import { captureException, dedupeIntegration, globalHandlersIntegration, init, linkedErrorsIntegration } from "@sentry/browser";

import { nameless } from "../parts/errors/nameless";
import { told } from "../parts/errors/settings";

const telling = told();

if (telling) {
  const { dsn, release, environment } = telling;
  init({
    dsn,
    release,
    environment,
    // Not the usual ones, which tell what people clicked and which browser they have.
    defaultIntegrations: [globalHandlersIntegration(), linkedErrorsIntegration(), dedupeIntegration()],
    dataCollection: { userInfo: false, cookies: false, httpHeaders: false, httpBodies: [], urlQueryParams: false },
    sendClientReports: false,
    maxBreadcrumbs: 0,
    replaysOnErrorSampleRate: 1, // of those who agreed, see replay.ts; of others there is none
    beforeSend: (event) => nameless(event, location.href),
  });
  for (const error of window.espiceErrors?.splice(0) ?? []) captureException(error);
}
