using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Dashboard;
using Orleans.Hosting;
using Orleans.Runtime;
using SessionManager.Storage;

namespace SessionManager.Hosting;

/// <summary>The engine this build was made for: a silo in this very process, or the way to those of a cluster.</summary>
static class EngineHost
{
    public const string Name = "Orleans";
    public static bool Clusters => true;

    /// <summary>Part of every stored grain's identity: another name would find none of them.</summary>
    public const string ServiceId = "session-manager";

    public static void AddEngine(this WebApplicationBuilder builder, HostSettings host)
    {
        builder.Services
            .AddSingleton(provider => new OrleansDatabase(provider, host))
            .AddHostedService(provider => provider.GetRequiredService<OrleansDatabase>());
        if (host.Cluster.Role == ClusterRole.Client)
        {
            builder.UseOrleansClient(client => client.JoinCluster(host.Cluster));
            return;
        }

        if (host.Cluster.Role == ClusterRole.Silo)
            builder.Services.AddHostedService<LostSilos>();
        builder.UseOrleans(silo =>
        {
            if (host.Cluster.Role == ClusterRole.Silo)
                silo.JoinCluster(host.Cluster);
            else
                StayAlone(silo);
            AddStorage(silo);
            // A sweep is late by no more than its own period.
            silo.Services.Configure<ReminderOptions>(reminders =>
                reminders.MinimumReminderPeriod = TimeSpan.FromSeconds(host.Sessions.SweepSeconds));
        });
    }

    /// <summary>The engine's own view of a cluster, where this process is a front end of one. Who may see it is the caller's to say.</summary>
    public static IEndpointConventionBuilder? MapDashboard(WebApplication app, string path)
    {
        if (app.Services.GetRequiredService<IOptions<ClusterOptions>>().Value.Role != ClusterRole.Client)
            return null;
        var dashboard = app.MapOrleansDashboard(path);
        // It shows any grain's state as it is stored, password hashes among it.
        dashboard.MapGet("/GrainState", () => TypedResults.NotFound()).WithOrder(-1);
        return dashboard;
    }

    /// <summary>What the engine has to say about a failed start; null where it is not the engine's.</summary>
    public static string? Explain(Exception exception) => (exception as OrleansConfigurationException)?.Message;

    static void AddStorage(ISiloBuilder silo)
    {
        silo.AddAdoNetGrainStorageAsDefault(storage => storage.Configure<OrleansDatabase>((options, database) =>
        {
            (options.Invariant, options.DataSource) = (database.Invariant, database.Source);
            options.DeleteStateOnClear = true;
            options.GrainStorageSerializer = new GrainStateSerializer();
        }));
        silo.UseAdoNetReminderService(reminders => reminders.Configure<OrleansDatabase>((options, database) =>
            (options.Invariant, options.DataSource) = (database.Invariant, database.Source)));
    }

    /// <summary>
    /// Nobody else joins: no gateway, and the silo listens where the system has a free port, whatever its name says. Several of
    /// these may run, and start, on one machine.
    /// </summary>
    static void StayAlone(ISiloBuilder silo) => silo
        .UseLocalhostClustering(gatewayPort: 0, serviceId: ServiceId, clusterId: ServiceId)
        .Configure<EndpointOptions>(endpoints => endpoints.SiloListeningEndpoint = new IPEndPoint(IPAddress.Loopback, 0));
}
