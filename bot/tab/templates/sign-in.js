// Asks Teams for a token and hands it over; everything else is rendered by the service.
(async () => {
  const said = document.getElementById("said");
  const form = document.getElementById("sign-in");
  try {
    await microsoftTeams.app.initialize();
    form.elements.token.value = await microsoftTeams.authentication.getAuthToken();
    form.submit();
  } catch (error) {
    said.textContent = "Teams did not sign you in. Open this page as a tab of CoS Desk in Teams, or ask your administrator to consent to the app.";
  }
})();
