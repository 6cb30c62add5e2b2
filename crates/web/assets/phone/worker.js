// Wakes the person when a push comes: what it is about is fetched by the page, from the server itself. Which puts WORDS in
// front of this, in the reader's language.

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// What happened to the account stands in the portal, and is no request: nothing is asked, and nothing waits.
function isNews(data) {
  try {
    return Boolean(data?.json().news);
  } catch {
    return false;
  }
}

self.addEventListener("push", (event) => {
  if (isNews(event.data)) {
    const { title, body } = WORDS.news;
    event.waitUntil(self.registration.showNotification(title, { body, tag: "news", renotify: true }));
    return;
  }
  event.waitUntil(
    (async () => {
      const pages = await self.clients.matchAll({ type: "window" });
      for (const page of pages) page.postMessage("look");
      // Browsers want something to be shown for every push, unless the page is looked at.
      if (pages.some((page) => page.visibilityState === "visible")) return;
      await self.registration.showNotification(WORDS.title, {
        body: WORDS.body,
        tag: "request",
        renotify: true,
        requireInteraction: true,
      });
    })(),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(
    (async () => {
      if (event.notification.tag === "news") return self.clients.openWindow("/");
      const [page] = await self.clients.matchAll({ type: "window" });
      if (page) return page.focus();
      await self.clients.openWindow("/phone");
    })(),
  );
});
