using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using Orleans.Timers;

namespace SessionManager.Simulation.Runtime;

/// <summary>What the grains of one silo are given: the silo's own, then what it was made with, then Orleans' own.</summary>
sealed class SiloServices : IServiceProvider, IKeyedServiceProvider
{
    readonly Dictionary<Type, object> _own;
    readonly IServiceProvider _given;

    public SiloServices(SimulatedSilo silo, IServiceProvider given, IGrainStorage storage, IReminderRegistry reminders)
    {
        _given = given;
        _own = new()
        {
            [typeof(IServiceProvider)] = this,
            [typeof(IGrainFactory)] = silo,
            [typeof(IGrainRuntime)] = silo,
            [typeof(ITimerRegistry)] = silo.TimerRegistry,
            [typeof(IReminderRegistry)] = reminders,
            [typeof(IGrainStorage)] = storage,
            [OrleansParts.StateMap] = ActivatorUtilities.CreateInstance(OrleansParts.Services, OrleansParts.StateMap),
        };
    }

    public object? GetService(Type serviceType) =>
        _own.GetValueOrDefault(serviceType) ?? _given.GetService(serviceType) ?? OrleansParts.Services.GetService(serviceType);

    /// <summary>Of everything that Orleans knows by a name there is one.</summary>
    public object? GetKeyedService(Type serviceType, object? serviceKey) => GetService(serviceType);

    public object GetRequiredKeyedService(Type serviceType, object? serviceKey) =>
        GetKeyedService(serviceType, serviceKey) ?? throw new InvalidOperationException($"There is no {serviceType} '{serviceKey}'.");
}
