using Orleans.Runtime;

namespace Orleans;

/// <summary>Makes references; it neither activates a grain nor looks whether there is one.</summary>
public interface IGrainFactory
{
    TGrainInterface GetGrain<TGrainInterface>(string primaryKey) where TGrainInterface : IGrainWithStringKey;
    TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey) where TGrainInterface : IGrainWithGuidKey;
    TGrainInterface GetGrain<TGrainInterface>(long primaryKey) where TGrainInterface : IGrainWithIntegerKey;
    TGrainInterface GetGrain<TGrainInterface>(GrainId grainId) where TGrainInterface : IAddressable;

    /// <summary>
    /// A reference to a local object that grains may keep and call. It is held weakly, as Orleans does: keep it alive yourself.
    /// </summary>
    TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver;

    /// <summary>Calls through the reference fail from now on.</summary>
    /// <param name="obj">The reference, as <see cref="CreateObjectReference"/> gave it.</param>
    void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj) where TGrainObserverInterface : IGrainObserver;
}

/// <summary>The same as <see cref="IGrainFactory"/>, for callers outside grains.</summary>
public interface IClusterClient : IGrainFactory;
