using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SessionManager.Journal;
using SessionManager.Nodes;
using SessionManager.People;
using SessionManager.Randomness;
using SessionManager.Signing;

namespace SessionManager.Hosting;

/// <summary>
/// The one-process form: front end, grains and storage together. The front end gives its services and its pipeline; all
/// else is here.
/// </summary>
public static class SessionManagerHost
{
    /// <summary>The engine this build runs the grains on: Orleans or InProcess.</summary>
    public static string Engine => EngineHost.Name;

    /// <summary>Runs until told to stop. What keeps it from starting goes to stderr, a line each, and makes the exit code 1.</summary>
    public static async Task<int> Run(string[] args, Action<WebApplicationBuilder> services, Action<WebApplication> pipeline)
    {
        try
        {
            await using var app = Build(args, services, pipeline);
            await app.RunAsync();
            return 0;
        }
        catch (Exception exception)
        {
            foreach (var line in StartupFailure.Explain(exception))
                await Console.Error.WriteLineAsync(line);
            return 1;
        }
    }

    /// <exception cref="StartupException">The configuration or the data folder is at fault.</exception>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder> services, Action<WebApplication> pipeline)
    {
        var builder = WebApplication.CreateBuilder(args);
        AddDefaults(builder.Configuration);
        var host = HostSettings.Read(builder.Configuration, builder.Services);
        try
        {
            if (builder.Configuration[WebHostDefaults.ServerUrlsKey] is null)
                builder.WebHost.UseUrls($"http://127.0.0.1:{builder.Configuration["PORT"] ?? HostSettings.DefaultPort.ToString(CultureInfo.InvariantCulture)}");
            AddHost(builder, host);
            services(builder);
            var app = builder.Build();
            pipeline(app);
            return app;
        }
        catch
        {
            host.Folder.Dispose();
            throw;
        }
    }

    static void AddHost(WebApplicationBuilder builder, HostSettings host)
    {
        var random = new SystemRandomSource();
        builder.Services
            // Made by a factory, so that the container lets go of the folder when everything that writes to it has stopped.
            .AddSingleton(_ => host.Folder)
            .AddSingleton(host)
            .AddSingleton(TimeProvider.System)
            .AddSingleton<IRandomSource>(random)
            .AddSingleton<ISecretProtector>(new SecretProtector(MasterKey.Load(builder.Configuration, host.Folder, random), random))
            .AddSingleton<NodeCatalog>()
            .AddSingleton<Passwords>();
        builder.Services.AddJournal(host);
        builder.AddEngine(host);
    }

    /// <summary>What anything else (a file, the environment, the command line) overrules.</summary>
    static void AddDefaults(ConfigurationManager configuration) =>
        ((IConfigurationBuilder)configuration).Sources.Insert(0, new MemoryConfigurationSource
        {
            InitialData = new Dictionary<string, string?>
            {
                ["Logging:LogLevel:Default"] = "Warning",
                ["Logging:LogLevel:SessionManager"] = "Information",
                // Sweeps are to be this frequent, and there is one an account with open sessions, not one a session.
                ["Logging:LogLevel:Orleans.Hosting.ReminderOptionsValidator"] = "Error",
                // Its first check compares with the time the machine started.
                ["Logging:LogLevel:Orleans.Runtime.Watchdog"] = "Error",
                // A failed start is told in one line by us, not in a stack trace by them.
                ["Logging:LogLevel:Microsoft.Extensions.Hosting.Internal.Host"] = "None",
                ["Logging:LogLevel:Microsoft.AspNetCore.Server.Kestrel"] = "None",
                ["Logging:LogLevel:Microsoft.AspNetCore.Server.Kestrel."] = "Warning",
            },
        });
}
