// Sends errors to the collector that the build names, and nothing of whose they were.
import { captureException, dedupeIntegration, globalHandlersIntegration, init, linkedErrorsIntegration } from "@sentry/browser";

import { nameless } from "../parts/errors/nameless";
import { ATTRIBUTE, type Telling } from "../parts/errors/settings";

const element = document.querySelector(`[${ATTRIBUTE}]`);
const telling = JSON.parse(element?.getAttribute(ATTRIBUTE) ?? "null") as Telling | null;

if (telling) {
  init({
    ...telling,
    // Not the usual ones, which tell what people clicked and which browser they have.
    defaultIntegrations: [globalHandlersIntegration(), linkedErrorsIntegration(), dedupeIntegration()],
    dataCollection: { userInfo: false, cookies: false, httpHeaders: false, httpBodies: [], urlQueryParams: false },
    sendClientReports: false,
    maxBreadcrumbs: 0,
    beforeSend: (event) => nameless(event, location.href),
  });
  for (const error of window.espiceErrors?.splice(0) ?? []) captureException(error);
}
