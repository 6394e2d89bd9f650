using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Components.WebAssembly.Hosting;
using SessionManager.Console;
using SessionManager.Console.Browsing;

if (!OperatingSystem.IsBrowser())
    return;
var builder = WebAssemblyHostBuilder.CreateDefault(args);
builder.RootComponents.Add<App>("#app");
builder.RootComponents.Add<HeadOutlet>("head::after");

builder.Services
    .AddSingleton<IBrowser>(await Browser.Open(builder.HostEnvironment.BaseAddress))
    .AddConsole(new Uri(builder.HostEnvironment.BaseAddress));
await builder.Build().RunAsync();
