using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace SessionManager.InProcess;

/// <summary>A grain class: its stable name, what its attributes say, and how an instance is made.</summary>
sealed class GrainClass
{
    readonly ConstructorInvoker _constructor;
    readonly Func<Activation, object?>[] _arguments;

    /// <exception cref="OrleansConfigurationException">It cannot be a grain; the message says why.</exception>
    public GrainClass(Type type, TimeSpan defaultAge)
    {
        Type = type;
        GrainType = GrainType.Create(type.GetCustomAttribute<GrainTypeAttribute>()?.Name ?? NameOf(type));
        Interfaces = [.. type.GetInterfaces().Where(i => i.IsAssignableTo(typeof(IGrain)))];
        Reentrant = type.IsDefined(typeof(ReentrantAttribute));
        MaxWorkers = type.GetCustomAttribute<StatelessWorkerAttribute>()?.MaxLocalWorkers ?? 1;
        CollectionAge = type.GetCustomAttribute<CollectionAgeLimitAttribute>()?.AgeLimit ?? defaultAge;

        if (type.GetConstructors() is not [var constructor])
            throw new OrleansConfigurationException($"{type.FullName} must have exactly one public constructor.");
        _constructor = ConstructorInvoker.Create(constructor);
        _arguments = [.. constructor.GetParameters().Select(Argument)];
    }

    public Type Type { get; }
    public GrainType GrainType { get; }
    public Type[] Interfaces { get; }
    public bool Reentrant { get; }
    public int MaxWorkers { get; }
    public TimeSpan CollectionAge { get; }

    public object Create(Activation activation)
    {
        var arguments = new object?[_arguments.Length];
        for (var i = 0; i < arguments.Length; i++) arguments[i] = _arguments[i](activation);
        return _constructor.Invoke(arguments.AsSpan());
    }

    static string NameOf(Type type)
    {
        const string Suffix = "grain";
        var name = type.Name.ToLowerInvariant();
        return name.Length > Suffix.Length && name.EndsWith(Suffix, StringComparison.Ordinal) ? name[..^Suffix.Length] : name;
    }

    static Func<Activation, object?> Argument(ParameterInfo parameter)
    {
        if (parameter.GetCustomAttribute<PersistentStateAttribute>() is { } state)
        {
            if (!parameter.ParameterType.IsGenericType || parameter.ParameterType.GetGenericTypeDefinition() != typeof(IPersistentState<>))
                throw new OrleansConfigurationException($"{parameter.Member.DeclaringType}: [PersistentState] parameter '{parameter.Name}' must be an IPersistentState<T>.");
            var create = ConstructorInvoker.Create(typeof(PersistentState<>).MakeGenericType(parameter.ParameterType.GetGenericArguments())
                .GetConstructors().Single());
            return activation => activation.AddRecord((Orleans.Core.IStorage)create.Invoke(activation, state.StateName));
        }

        if (parameter.ParameterType == typeof(IGrainContext)) return static activation => activation;
        if (parameter.GetCustomAttribute<FromKeyedServicesAttribute>() is { } keyed)
            return activation => activation.ActivationServices.GetRequiredKeyedService(parameter.ParameterType, keyed.Key);
        return parameter.HasDefaultValue
            ? activation => activation.ActivationServices.GetService(parameter.ParameterType) ?? parameter.DefaultValue
            : activation => activation.ActivationServices.GetRequiredService(parameter.ParameterType);
    }
}
