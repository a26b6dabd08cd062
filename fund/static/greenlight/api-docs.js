// Starts the API's documentation from a file: the page's policy allows no inline script.
(function () {
  const place = document.getElementById("docs");
  window.SwaggerUIBundle({
    url: place.dataset.schema,
    domNode: place,
    deepLinking: true,
    validatorUrl: null,
    requestInterceptor(request) {
      if (!["GET", "HEAD"].includes(request.method)) request.headers["X-CSRFToken"] = place.dataset.csrf;
      return request;
    },
  });
})();
