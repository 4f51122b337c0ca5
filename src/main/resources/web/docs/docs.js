// Starts Swagger UI on our contract. A file of its own: the page's policy allows no inline script.
window.SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#docs',
  deepLinking: true,
  docExpansion: 'none',
  filter: true,
  persistAuthorization: false,
  validatorUrl: null, // would ask a foreign server
});
